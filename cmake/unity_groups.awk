# Which sources can be compiled as one: reads headers, then the sources of a target, and prints "SOURCE GROUP", at most
# `most` to a group, tests apart. Two files do not meet if their anonymous namespaces have a name in common, or if one of
# them has a name there that a header of ours has which the other reads: that one may mean the header's.
# The tree's formatter lets every definition of a namespace begin in the first column.

function name_of(line,   words, count) {
  if (line !~ /^[A-Za-z_]/ || line ~ /^(namespace|TEST|INSTANTIATE|template|public|private|return|case|friend|static_assert)/) return ""
  if (match(line, /^(struct|class|union|enum class|enum|using) +[A-Za-z_0-9]+/)) {
    count = split(substr(line, RSTART, RLENGTH), words, " ")
    return words[count]
  }
  sub(/[({=;\[].*/, "", line)
  sub(/ +$/, "", line)
  count = split(line, words, /[ *&>]+/)
  return count > 1 ? words[count] : ""
}

# The headers that `file` reads, each once, as a list in `reads[root]`. A name that several paths end in means them all.
function follow(root, file,   written, count, i, paths, path_count, k) {
  count = split(includes[file], written, " ")
  for (i = 1; i <= count; i++) {
    path_count = split(ends_in[written[i]], paths, " ")
    for (k = 1; k <= path_count; k++) {
      if ((root, paths[k]) in followed) continue
      followed[root, paths[k]] = 1
      reads[root] = reads[root] names[paths[k]]
      follow(root, paths[k])
    }
  }
}

function fits_in(group, own, own_count, seen, seen_count,   k) {
  if (size[group] >= most) return 0
  for (k = 1; k <= own_count; k++) if ((group, own[k]) in taken || (group, own[k]) in visible) return 0
  for (k = 1; k <= seen_count; k++) if ((group, seen[k]) in taken) return 0
  return 1
}

FNR == 1 {
  anonymous = 0
  header = FILENAME ~ /\.h$/
  if (!header) files[++file_count] = FILENAME
  for (end = FILENAME; header; end = substr(end, index(end, "/") + 1)) {
    ends_in[end] = ends_in[end] " " FILENAME
    if (index(end, "/") == 0) break
  }
}
/^#include "/ { includes[FILENAME] = includes[FILENAME] " " substr($2, 2, length($2) - 2) }
/^namespace \{/ { anonymous = 1; next }
/^\}  \/\/ namespace$/ { anonymous = 0; next }
header || anonymous {
  name = name_of($0)
  if (name != "") names[FILENAME] = names[FILENAME] " " name
}

END {
  for (i = 1; i <= file_count; i++) {
    file = files[i]
    follow(file, file)
    own_count = split(names[file], own, " ")
    seen_count = split(reads[file], seen, " ")
    number = 0
    do group = (file ~ /_test\.cc$/ ? "tests_" : "sources_") ++number
    while (!fits_in(group, own, own_count, seen, seen_count))
    size[group]++
    for (k = 1; k <= own_count; k++) taken[group, own[k]] = 1
    for (k = 1; k <= seen_count; k++) visible[group, seen[k]] = 1
    print file, group
  }
}
