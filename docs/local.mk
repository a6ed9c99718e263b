dist_man1_MANS = docs/aurora.1
EXTRA_DIST += docs/README.md
