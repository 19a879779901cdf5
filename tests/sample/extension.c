/* SPDX-License-Identifier: MIT */
/* An extension of Python with a leak: tests/sample/extension.tap finds it. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

/* What it keeps for each call: nobody ever frees it. */
static char *remember(const char *text, Py_ssize_t length)
{
    char *copy = malloc((size_t)length + 1); /* LEAK */
    if (copy != NULL)
        memcpy(copy, text, (size_t)length + 1);
    return copy;
}

static PyObject *extension_upper(PyObject *self, PyObject *arguments)
{
    const char *text;
    Py_ssize_t length;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "s#", &text, &length))
        return NULL;
    char *copy = remember(text, length);
    if (copy == NULL)
        return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < length; i++)
        copy[i] = (char)(copy[i] - 32);
    return PyUnicode_FromStringAndSize(copy, length);
}

static PyMethodDef methods[] = {{"upper", extension_upper, METH_VARARGS, "upper(text)"}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "leaking", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_leaking(void)
{
    return PyModule_Create(&module);
}
