dist_man1_MANS = docs/aurora.1
dist_doc_DATA = README.md LICENSE docs/agents.md docs/capabilities.md docs/experiment-file.md docs/fidelity.md docs/policy.md docs/time-travel.md
EXTRA_DIST += docs/README.md
