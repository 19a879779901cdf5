/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See page.h. */
#include "config.h"

#include "cli/html/page.h"

#include "cli/html/assets.h"
#include "cli/output/html.h"

#include <ctype.h>

/* --- the frame ---------------------------------------------------------------------------------------------------- */

#ifdef HAK_HTML_REPORT

bool page_possible(char *message, size_t size)
{
    (void)message, (void)size;
    return true;
}

static void write_asset(FILE *stream, const char *element, const unsigned char *bytes, size_t size)
{
    fprintf(stream, "<%s>\n", element);
    fwrite(bytes, 1, size, stream);
    fprintf(stream, "</%s>\n", element);
}

static void write_style(FILE *stream)
{
    write_asset(stream, "style", html_style, html_style_size);
}

static void write_scripts(FILE *stream)
{
    write_asset(stream, "script", html_charts, html_charts_size);
    write_asset(stream, "script", html_behaviour, html_behaviour_size);
}

#else

bool page_possible(char *message, size_t size)
{
    snprintf(
        message, size,
        "this hakmem-tune was built without HTML reports (--without-html-report): text, json, markdown and csv are "
        "there");
    return false;
}

static void write_style(FILE *stream)
{
    (void)stream;
}

static void write_scripts(FILE *stream)
{
    (void)stream;
}

#endif

/* Nothing may be fetched, from anywhere. */
static const char head[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src "
    "'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta name=\"generator\" content=\"hakmem-tune " PACKAGE_VERSION "\">\n"
    "<link rel=\"icon\" href=\"data:,\">\n";

void page_begin(FILE *stream, const char *title, const char *subtitle)
{
    fputs(head, stream);
    fputs("<title>", stream);
    html_text(stream, title);
    fputs("</title>\n", stream);
    write_style(stream);
    fputs("</head>\n<body>\n"
          "<a class=\"skip\" href=\"#content\">To the report</a>\n"
          "<header class=\"bar\"><div class=\"bar-in\">\n<span class=\"brand\">hakmem-tune</span> "
          "<span class=\"sub\">",
          stream);
    html_text(stream, subtitle);
    fputs(
        "</span>\n<nav id=\"nav\" aria-label=\"Sections\"></nav>\n"
        "<button id=\"theme\" type=\"button\" hidden>Theme: auto</button>\n</div></header>\n"
        "<main id=\"content\">\n"
        "<noscript><p class=\"note\">JavaScript is off: there are no charts, and tables cannot be sorted. All figures "
        "are in the tables.</p></noscript>\n",
        stream);
}

void page_tabs(FILE *stream, const char *const *labels, size_t count)
{
    fputs("<div class=\"tabs\" role=\"tablist\" aria-label=\"Sessions\" hidden>\n", stream);
    for (size_t i = 0; i < count; i++) {
        fprintf(stream, "<button type=\"button\" role=\"tab\" id=\"tab-%zu\" aria-controls=\"part-%zu\">", i, i);
        html_text(stream, labels[i]);
        fputs("</button>\n", stream);
    }
    fputs("</div>\n", stream);
}

void page_tab_begin(FILE *stream, size_t index, const char *label)
{
    fprintf(stream, "<div class=\"part\" id=\"part-%zu\" aria-label=\"", index);
    html_text(stream, label);
    fputs("\">\n", stream);
}

void page_tab_end(FILE *stream)
{
    fputs("</div>\n", stream);
}

void page_end(FILE *stream, const json_t *data)
{
    fputs("</main>\n<footer>Made by hakmem-tune " PACKAGE_VERSION
          ". This file is complete: it asks no network for anything.</footer>\n"
          "<script type=\"application/json\" id=\"data\">",
          stream);
    html_json(stream, data);
    fputs("</script>\n", stream);
    write_scripts(stream);
    fputs("</body>\n</html>\n", stream);
}

/* --- pieces ------------------------------------------------------------------------------------------------------- */

void page_section_begin(FILE *stream, const char *prefix, const char *name, const char *short_title, const char *title,
                        const char *lead)
{
    fprintf(stream, "<section id=\"%s-%s\" aria-labelledby=\"%s-%s-h\" data-nav=\"", prefix, name, prefix, name);
    html_text(stream, short_title);
    fprintf(stream, "\">\n<h2 id=\"%s-%s-h\">", prefix, name);
    html_text(stream, title);
    fputs("</h2>\n", stream);
    if (lead)
        page_paragraph(stream, "lead", lead);
}

void page_section_end(FILE *stream)
{
    fputs("</section>\n", stream);
}

void page_chart(FILE *stream, const char *prefix, const char *kind, const char *label)
{
    fprintf(stream, "<div class=\"chart chart-%s\" data-kind=\"%s\" data-of=\"%s\"><canvas role=\"img\" aria-label=\"",
            kind, kind, prefix);
    html_text(stream, label);
    fputs("\"></canvas></div>\n", stream);
}

void page_table(FILE *stream, struct table *table, const char *name, const char *words)
{
    fprintf(stream, "<div class=\"table%s%s\" role=\"region\" tabindex=\"0\" aria-label=\"", words ? " " : "",
            words ? words : "");
    html_text(stream, name);
    fputs("\">\n", stream);
    table_print(table, stream, OUTPUT_HTML, 0);
    fputs("</div>\n", stream);
    table_free(table);
}

void page_paragraph(FILE *stream, const char *words, const char *text)
{
    fprintf(stream, "<p class=\"%s\">", words);
    html_text(stream, text);
    fputs("</p>\n", stream);
}

void page_sentence(FILE *stream, const char *words, const char *text)
{
    fprintf(stream, "<p class=\"%s\">", words);
    if (*text)
        html_format(stream, "%c%s.", toupper((unsigned char)*text), text + 1);
    fputs("</p>\n", stream);
}

void page_copy(FILE *stream, const char *name, const char *text)
{
    fputs("<figure class=\"copy\"><figcaption>", stream);
    html_text(stream, name);
    fputs("</figcaption>\n<pre tabindex=\"0\">", stream);
    html_text(stream, text);
    fputs("</pre></figure>\n", stream);
}
