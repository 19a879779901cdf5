/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a page carries with it, compiled in: made by cli/html/embed.sh from files of this tree and from Chart.js where
 * it is installed. */
#ifndef HAK_HTML_ASSETS_H
#define HAK_HTML_ASSETS_H

#include <stddef.h>

extern const unsigned char html_style[], html_behaviour[], html_charts[];
extern const size_t html_style_size, html_behaviour_size, html_charts_size;

#endif
