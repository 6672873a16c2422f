#!/usr/bin/env bash
# Which lines of src/ the tests run, by module: unit tests, and the real programs that they start. Every module has to
# reach 90 % unless tests/coverage_allowed.txt names it with a reason, and all of them together have to. Wants the tests
# of build/coverage to have been run; tests, their fixtures and the main.cc files do not count.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=90
summary=build/coverage/coverage.json
gcovr --root . --filter 'src/' --exclude '.*_test\.cc' --exclude '.*_for_test\.h' --exclude '.*_fixture\.h' \
  --exclude '.*/main\.cc' -j "$(nproc)" --json-summary "$summary" build/coverage/src >build/coverage/gcovr.log 2>&1 ||
  { tail -n 5 build/coverage/gcovr.log >&2; exit 1; }

# MODULE COVERED TOTAL, the whole last
modules=$(jq -r '
  [.files[] | select(.line_total > 0) | {module: (.filename | sub("^src/"; "") | sub("/[^/]*$"; "")), line_covered, line_total}]
  | (group_by(.module)[] | "\(.[0].module) \(map(.line_covered) | add) \(map(.line_total) | add)"),
    "(all) \(map(.line_covered) | add) \(map(.line_total) | add)"' "$summary")

status=0
while read -r module covered total; do
  permille=$((covered * 1000 / total))
  note=
  if [ $permille -lt $((wanted * 10)) ]; then
    if reason=$(sed -n "s|^$module  *\(..*\)|\1|p" tests/coverage_allowed.txt) && [ -n "$reason" ]; then
      note="allowed: $reason"
    else
      note="below $wanted %"
      status=1
    fi
  elif grep -q "^$module " tests/coverage_allowed.txt; then
    note="is listed in tests/coverage_allowed.txt and need not be"
  fi
  printf '%-16s %5d.%d %%  %6d of %6d  %s\n' "$module" $((permille / 10)) $((permille % 10)) "$covered" "$total" "$note"
done <<<"$modules"
if [ $status -ne 0 ]; then
  echo "coverage: the files with most lines that no test runs:"
  jq -r '[.files[] | {filename, missed: (.line_total - .line_covered)}] | sort_by(-.missed) | .[:10][]
    | "  \(.missed)  \(.filename)"' "$summary"
fi
exit $status
