/* SPDX-License-Identifier: MIT */
/* An extension of Python with two bugs: tests/guarded/programs.tap finds them. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

static void (*volatile release)(void *) = free; /* the compiler would warn of what follows */

__attribute__((noinline)) static char *copy_text(const char *text, Py_ssize_t length)
{
    char *copy = malloc((size_t)length);
    if (copy != NULL)
        memcpy(copy, text, (size_t)length);
    return copy;
}

__attribute__((noinline)) static void drop_text(char *copy)
{
    release(copy);
    __asm__ volatile("");
}

/* The first byte, of a copy that was freed before. */
static PyObject *extension_first(PyObject *self, PyObject *arguments)
{
    const char *text;
    Py_ssize_t length;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "s#", &text, &length))
        return NULL;
    char *copy = copy_text(text, length);
    drop_text(copy);
    return PyLong_FromLong(*(volatile char *)copy);
}

/* The text with an end that it has no room for. */
static PyObject *extension_ended(PyObject *self, PyObject *arguments)
{
    const char *text;
    Py_ssize_t length;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "s#", &text, &length))
        return NULL;
    char *copy = copy_text(text, length);
    *(volatile char *)(copy + length) = '\0';
    PyObject *result = PyUnicode_FromString(copy);
    drop_text(copy);
    return result;
}

static PyMethodDef methods[] = {{"first", extension_first, METH_VARARGS, "first(text)"},
                                {"ended", extension_ended, METH_VARARGS, "ended(text)"},
                                {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "wrong", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_wrong(void)
{
    return PyModule_Create(&module);
}
