/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The forms in which verbs write their results. Nothing is below. */
#ifndef HAK_OUTPUT_FORMAT_H
#define HAK_OUTPUT_FORMAT_H

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_MARKDOWN, OUTPUT_CSV, OUTPUT_MAN, OUTPUT_HTML };

#endif
