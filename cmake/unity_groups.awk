# Which sources can be compiled as one: reads headers, then the sources of a target, and prints "SOURCE GROUP", at most
# `most` to a group, tests apart. Two files do not meet if their anonymous namespaces have a name in common. A file that
# has a name of some header there is left out: others may mean the header's.
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

FNR == 1 { anonymous = 0; header = FILENAME ~ /\.h$/; if (!header) files[++file_count] = FILENAME }
/^namespace \{/ { anonymous = 1; next }
/^\}  \/\/ namespace$/ { anonymous = 0; next }
header || anonymous {
  name = name_of($0)
  if (name == "") next
  if (header) in_header[name] = 1
  else names[FILENAME] = names[FILENAME] " " name
}

END {
  for (i = 1; i <= file_count; i++) {
    file = files[i]
    count = split(names[file], own, " ")
    alone = 0
    for (k = 1; k <= count; k++) if (own[k] in in_header) alone = 1
    if (alone) continue
    number = 0
    do {
      group = (file ~ /_test\.cc$/ ? "tests_" : "sources_") ++number
      fits = size[group] < most
      for (k = 1; k <= count && fits; k++) fits = !((group, own[k]) in taken)
    } while (!fits)
    size[group]++
    for (k = 1; k <= count; k++) taken[group, own[k]] = 1
    print file, group
  }
}
