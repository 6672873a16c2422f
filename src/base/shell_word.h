// Words that can be pasted into a shell.
#pragma once

#include <string>
#include <string_view>

namespace pawprint {

// `text` as one word of a POSIX shell's command line: as it is where no character of it means something
// there, else in single quotes (POSIX.1-2017, Shell Command Language, 2.2).
std::string shell_word(std::string_view text);

}  // namespace pawprint
