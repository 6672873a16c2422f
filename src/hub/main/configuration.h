// What `pawprint-hub serve` is told, from four places: the command line before the environment before a file
// before the defaults. All of them become words of the command line, so that one place checks them all.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/environment.h"

namespace pawprint::hub {

struct Setting {
  std::string flag;   // "--tls-cert"
  std::string value;  // of a variable or a key; empty if it was typed
  std::string from;   // "the command line", a variable's name, or "FILE:LINE"
};

struct Configured {
  std::vector<std::string> words;  // the command line as it would have been typed
  std::vector<Setting> settings;   // of `serve` and `config check`; defaults are not among them
};

// `words` is argv without the program's name. Reads the TOML file that `--config FILE` or PAWPRINT_HUB_CONFIG
// names, and variables as PAWPRINT_HUB_TLS_CERT for `--tls-cert`; the other commands than `serve` and
// `config check` take the directory of the data from them, nothing else. Kind `invalid`, with file and line,
// for a file that is no TOML or has a key or value that is none of ours; `usage` for such a variable, and
// for two files.
Result<Configured> configure(const Environment& environment, std::span<const std::string> words);

// `error` with the place that a setting which it names came from, if that is not the command line.
Error told_where_from(Error error, const Configured& configured);

// For `config check`: a line for each setting of `values`, the defaults too, with where it came from. Never a
// secret: no setting is one.
std::string in_effect(const Configured& configured,
                      const std::map<std::string, std::string, std::less<>>& values);

}  // namespace pawprint::hub
