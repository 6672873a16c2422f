# Flags that hold for every target, and the two switches that make special builds.
set(PAWPRINT_SANITIZE "" CACHE STRING "sanitizers to compile in: address,undefined or thread")
set(PAWPRINT_SABOTAGE "" CACHE STRING "name of the deliberate break to compile in (tests/sabotage.txt)")
option(PAWPRINT_FAILPOINTS "named steps at which tests kill the programs" OFF)
if(PAWPRINT_FAILPOINTS AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
  message(FATAL_ERROR "PAWPRINT_FAILPOINTS is for the tests' builds, not for ${CMAKE_BUILD_TYPE}")
endif()

add_library(paw_flags INTERFACE)
target_include_directories(paw_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/include
  ${CMAKE_BINARY_DIR}/generated)
target_compile_options(paw_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
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
if(PAWPRINT_FAILPOINTS)
  set(PAW_FAILPOINTS_BUILT 1)
else()
  set(PAW_FAILPOINTS_BUILT 0)
endif()
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/failpoints_built.h
  CONTENT "#pragma once\n#define PAWPRINT_FAILPOINTS_BUILT @PAW_FAILPOINTS_BUILT@\n" @ONLY)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/sabotage_name.h
  CONTENT "#pragma once\n#define PAWPRINT_SABOTAGE_NAME \"@PAWPRINT_SABOTAGE@\"\n" @ONLY)
