# SPDX-License-Identifier: MIT
what="emacs: 1,500 functions compiled, and a buffer of 40,000 lines sorted and changed"
needs=emacs

prepare() {
    LC_ALL=C awk 'BEGIN { for (i = 0; i < 1500; i++)
        printf "(defun work-%d (a &optional b)\n  \"Document %d.\"\n  (let ((x (list a b %d)) (y (make-hash-table)))\n    (while (and x (> (length x) %d)) (puthash (car x) (cdr x) y) (setq x (cdr x)))\n    (cond ((stringp a) (concat a \"%d\")) ((numberp a) (+ a (or b %d))) (t (mapcar (lambda (e) (cons e y)) x)))))\n", i, i, i, i % 3, i, i }' >work.el
    random_lines 40000 5 >lines
    cat >work-lines.el <<'LISP'
(setq make-backup-files nil)
(byte-compile-file "work.el")
(let (words)
  (with-temp-buffer
    (insert-file-contents "lines")
    (sort-lines nil (point-min) (point-max))
    (goto-char (point-min))
    (while (re-search-forward " \\([0-9a-f]+\\)$" nil t)
      (push (match-string 1) words)
      (replace-match (upcase (match-string 1))))
    (princ (format "%d %d %s\n" (buffer-size) (length (delete-dups words)) (md5 (current-buffer))))))
LISP
}

job() {
    cp work.el lines work-lines.el "$job_scratch/" && cd "$job_scratch" || return
    measured emacs -Q --batch -l work-lines.el 2>messages || { cat messages >&2; return 1; }
}
