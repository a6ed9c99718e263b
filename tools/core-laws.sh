#!/bin/sh
# Checks the laws of core/ on the sources and on the archives made from them.
#
#     core-laws.sh [SRCDIR [KIND:ARCHIVE]...]      KIND is host, kernel or wasm32
#
# Without arguments it takes what `make check` puts into AUR_SRCDIR and AUR_CORE_ARCHIVES.
# Prints one line a law, the violations below it, and fails if there are any.
set -u

root=${1:-${AUR_SRCDIR:-.}}
[ $# -gt 0 ] && shift
archives=${*:-${AUR_CORE_ARCHIVES:-}}
here=$(pwd)
nm=${NM:-nm} objdump=${OBJDUMP:-objdump} llvm_nm=${LLVM_NM:-llvm-nm}

passed=0
failed=0
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
cd "$root" || exit 1

# law SENTENCE COMMAND...: the command prints the violations, one a line.
law() {
    sentence=$1
    shift
    "$@" >"$scratch/violations" 2>&1
    if [ -s "$scratch/violations" ]; then
        failed=$((failed + 1))
        echo "FAIL $sentence"
        sed 's/^/     /' "$scratch/violations"
    else
        passed=$((passed + 1))
        echo "ok   $sentence"
    fi
}

skip() {
    echo "skip $1"
}

# Every C file below the folders given; core's tests are host code and no part of the core.
c_files() {
    find "$@" -name '*.[chS]' ! -path 'core/tests/*' 2>/dev/null | sort
}

# includes FOLDER...: "file line form path" of every include, form being < or ".
includes() {
    c_files "$@" | while read -r file; do
        awk -v file="$file" '
            /^[ \t]*#[ \t]*include/ {
                text = $0
                sub(/^[ \t]*#[ \t]*include[ \t]*/, "", text)
                form = substr(text, 1, 1)
                path = substr(text, 2)
                if (form != "<" && form != "\"")
                    form = "?"
                else
                    sub(/[>"].*/, "", path)
                print file, FNR, form, path
            }' "$file"
    done
}

# resolve FILE PATH: the file of core/ that an include of PATH in FILE means, or nothing.
resolve() {
    case $2 in
    *..*) return ;;
    aurora/*) set -- "core/include/$2" ;;
    *) set -- "${1%/*}/$2" "core/$2" ;;
    esac
    for candidate; do
        if [ -f "$candidate" ]; then
            echo "$candidate"
            return
        fi
    done
}

compiler_header() {
    case $1 in
    stdint.h | stddef.h | stdbool.h | stdarg.h | limits.h) return 0 ;;
    esac
    return 1
}

foreign_includes_of_core() {
    includes core | while read -r file line form path; do
        [ "$form" = '<' ] && compiler_header "$path" && continue
        target=$(resolve "$file" "$path")
        case $form$target in
        '<core/include/aurora/'* | '"core/'*) ;;
        *) echo "$file:$line: $path is neither the compiler's nor core's" ;;
        esac
        case $target in
        core/tests/*) echo "$file:$line: $path belongs to the tests" ;;
        esac
    done
}

private_includes_of_public_headers() {
    includes core/include | while read -r file line form path; do
        compiler_header "$path" && continue
        case $(resolve "$file" "$path") in
        core/include/*) ;;
        *) echo "$file:$line: $path is no public header" ;;
        esac
    done
}

# A host's own file of the same name wins, as it does in the compiler's search path.
private_includes_of_hosts() {
    includes sim kernel web | while read -r file line form path; do
        host=${file%%/*}
        case $path in
        aurora/*)
            [ -f "core/include/$path" ] || echo "$file:$line: core has no public $path"
            continue ;;
        core/* | */core/*)
            echo "$file:$line: $path reaches into core, use <aurora/...>"
            continue ;;
        esac
        [ "$form" = '"' ] && [ -f "${file%/*}/$path" ] && continue
        [ -f "$host/$path" ] && continue
        [ -f "core/$path" ] && echo "$file:$line: $path is private to core, use <aurora/...>"
    done
}

header_cycles() {
    includes core | while read -r file line form path; do
        target=$(resolve "$file" "$path")
        case $file:$target in
        *.h:*.h) ;;
        *) continue ;;
        esac
        # tsort takes a pair of equals for a mere mention.
        [ "$file" = "$target" ] && echo "$file:$line: includes itself" >>"$scratch/loops"
        echo "$file $target"
    done >"$scratch/edges"
    tsort "$scratch/edges" 2>&1 >/dev/null | sed 's/^tsort: //'
    [ ! -f "$scratch/loops" ] || cat "$scratch/loops"
}

# uncommented FILE: its text, line by line, without comments and without what strings say.
uncommented() {
    awk '
        {
            text = ""
            for (i = 1; i <= length($0); i++) {
                c = substr($0, i, 1)
                two = substr($0, i, 2)
                if (state == "comment") {
                    if (two == "*/") { state = ""; i++ }
                } else if (state != "") {
                    if (c == "\\") i++
                    else if (c == state) { state = ""; text = text c }
                } else if (two == "/*") { state = "comment"; i++; text = text " " }
                else if (two == "//") break
                else { if (c == "\"" || c == "\047") state = c; text = text c }
            }
            if (state != "comment" && $0 !~ /\\$/) state = ""
            print text
        }' "$1"
}

wide_or_floating_arithmetic() {
    c_files core | while read -r file; do
        uncommented "$file" | awk -v file="$file" '
            {
                rest = $0
                while (match(rest, /[A-Za-z0-9_.]+/)) {
                    word = substr(rest, RSTART, RLENGTH)
                    rest = substr(rest, RSTART + RLENGTH)
                    if (word ~ /^(float|double|_Complex|_Float[0-9]+x?|__float(80|128)|__u?int128(_t)?)$/ ||
                        (word !~ /^0[xX]/ && word ~ /^([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+[eE])/))
                        print file ":" FNR ": " word
                }
            }'
    done
}

# archive KIND: where the archive of that kind is, or nothing.
archive() {
    for pair in $archives; do
        case $pair in
        "$1":/*) echo "${pair#*:}" ;;
        "$1":*) echo "$here/${pair#*:}" ;;
        esac
    done
}

# wasm-ld itself makes the stack pointer and the function table.
foreign_symbols() {
    tool=$nm
    extra=
    [ "$1" = wasm32 ] && tool=$llvm_nm && extra='__stack_pointer __indirect_function_table'
    "$tool" -P "$2" >"$scratch/symbols" 2>"$scratch/complaint" ||
        echo "$tool cannot read $2: $(cat "$scratch/complaint")"
    awk -v allowed="memcpy memmove memset memcmp $extra" '
        BEGIN { n = split(allowed, names); for (i = 1; i <= n; i++) defined[names[i]] = 1 }
        /:$/ { member = $1; members++; next }
        $2 ~ /^[Uvw]$/ { wanted[$1] = wanted[$1] " " member; next }
        $2 ~ /^[A-Z]$/ { defined[$1] = 1 }
        END {
            if (!members) print "the archive is empty"
            for (name in wanted)
                if (!(name in defined)) print name " wanted by" wanted[name]
        }' "$scratch/symbols"
}

# Constant tables with pointers stand in .data.rel.ro, which is read-only once loaded.
writable_data() {
    "$objdump" -t "$1" >"$scratch/symbols" 2>"$scratch/complaint" ||
        echo "$objdump cannot read $1: $(cat "$scratch/complaint")"
    awk '
        /file format/ { member = $1 }
        NF < 4 || $(NF - 1) ~ /^0+$/ || / \.data\.rel\.ro/ { next }
        $(NF - 2) ~ /^(\.(data|bss|tdata|tbss|ldata|lbss)|\*COM\*)/ {
            print member " " $NF " in " $(NF - 2)
        }' "$scratch/symbols"
}

law "core includes only the compiler's headers and its own" foreign_includes_of_core
law "core's public headers include no private header" private_includes_of_public_headers
law "hosts include only core's public headers" private_includes_of_hosts
law "core's headers do not include each other in a circle" header_cycles
law "core computes with integers of at most 64 bits" wide_or_floating_arithmetic
for kind in host kernel wasm32; do
    file=$(archive $kind)
    if [ -z "$file" ]; then
        skip "the $kind core: not built here"
        continue
    fi
    law "the $kind core wants only memcpy, memmove, memset and memcmp" foreign_symbols $kind "$file"
    [ $kind = wasm32 ] || law "the $kind core has no writable data" writable_data "$file"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
