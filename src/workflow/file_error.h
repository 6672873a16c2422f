// Errors that point into a file of the project.
#pragma once

#include <string>

#include "base/disk.h"
#include "base/result.h"

namespace pawprint::workflow {

// Kind `invalid`, with file and line (0: the file as a whole).
std::unexpected<Error> fail_in_file(const Path& file, int line, std::string message, std::string hint = {});

// `error` with the file, and its line counted from `first_line` instead of 1.
std::unexpected<Error> with_file(Error error, const Path& file, int first_line = 1);

// Kind `invalid` if `file` is a symbolic link: to put another file in its place would cut it off from what it
// leads to.
Result<void> refuse_link(const Path& file);

// The content of a file that has to be there; kind `invalid` if it is not.
Result<std::string> read_existing(Disk& disk, const Path& file);

}  // namespace pawprint::workflow
