# Flags that hold for every target, and the switches that make special builds.
set(PAWPRINT_SANITIZE "" CACHE STRING "sanitizers to compile in: address,undefined or thread")
set(PAWPRINT_TOGETHER "" CACHE STRING "compile so many sources of a target as one where they do not clash")
option(PAWPRINT_SABOTAGE "deliberate breaks that tests switch on by name (tests/sabotage.txt)" OFF)
option(PAWPRINT_FAILPOINTS "named steps at which tests kill the programs" OFF)
foreach(tests_alone IN ITEMS PAWPRINT_SABOTAGE PAWPRINT_FAILPOINTS)
  if(${tests_alone} AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    message(FATAL_ERROR "${tests_alone} is for the tests' builds, not for ${CMAKE_BUILD_TYPE}")
  endif()
endforeach()

add_library(paw_flags INTERFACE)
target_include_directories(paw_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include
  ${CMAKE_BINARY_DIR}/generated)
target_compile_options(paw_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  # What another compiler warns of keeps nobody from building a release.
  target_compile_options(paw_flags INTERFACE -Werror)
endif()
if(PAWPRINT_TOGETHER AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Every source is included there. Clang, which has no such warning, reads these builds in `./dev lint`.
  target_compile_options(paw_flags INTERFACE -Wno-subobject-linkage)
endif()
target_link_options(paw_flags INTERFACE -no-pie)
target_compile_options(paw_flags INTERFACE -fno-pie)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

if(PAWPRINT_SANITIZE)
  target_compile_options(paw_flags INTERFACE -fsanitize=${PAWPRINT_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(paw_flags INTERFACE -fsanitize=${PAWPRINT_SANITIZE})
  if(PAWPRINT_SANITIZE STREQUAL "thread")
    target_compile_options(paw_flags INTERFACE -Wno-tsan) # Asio uses fences, which GCC's TSan does not follow
  endif()
endif()

# Only the files that carry a break or a failpoint include these headers, so that switching rebuilds little.
foreach(what IN ITEMS FAILPOINTS SABOTAGE)
  if(PAWPRINT_${what})
    set(built 1)
  else()
    set(built 0)
  endif()
  string(TOLOWER ${what} file)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/${file}_built.h
    CONTENT "#pragma once\n#define PAWPRINT_@what@_BUILT @built@\n" @ONLY)
endforeach()

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/sabotage.txt)
file(STRINGS ${CMAKE_SOURCE_DIR}/tests/sabotage.txt breaks REGEX "^[^#]")
list(TRANSFORM breaks REPLACE "^([^ ]+) .*$" "\"\\1\"")
list(REMOVE_DUPLICATES breaks)
list(LENGTH breaks break_count)
list(JOIN breaks ",\n    " breaks)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/sabotage_names.h
  CONTENT "#pragma once\n\n#include <array>\n#include <string_view>\n
inline constexpr std::array<std::string_view, @break_count@> kSabotageNames = {\n    @breaks@};\n" @ONLY)
