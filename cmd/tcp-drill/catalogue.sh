#!/bin/sh
# catalogue.sh FILE... - the files as C: struct lines_file catalogue[]
echo '#include "script/lines.h"'
echo 'extern const struct lines_file catalogue[];'
echo 'extern const unsigned ncatalogue;'
n=0
for f; do
	n=$((n + 1))
	echo "static const char *const text${n}[] = {"
	sed 's/[\\"]/\\&/g; s/.*/"&",/' "$f"
	echo '};'
done
echo 'const struct lines_file catalogue[] = {'
n=0
for f; do
	n=$((n + 1))
	echo "{\"${f##*/}\", text$n, sizeof(text$n) / sizeof(text${n}[0])},"
done
echo '};'
echo "const unsigned ncatalogue = $n;"
