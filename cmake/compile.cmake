# Flags that hold for every target, and the two switches that make special builds.
set(PAWPRINT_SANITIZE "" CACHE STRING "sanitizers to compile in: address,undefined or thread")
set(PAWPRINT_SABOTAGE "" CACHE STRING "name of the deliberate break to compile in (tests/sabotage.txt)")

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

# Only the files that carry a break include this header, so that switching breaks rebuilds little.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/sabotage_name.h
  CONTENT "#pragma once\n#define PAWPRINT_SABOTAGE_NAME \"@PAWPRINT_SABOTAGE@\"\n" @ONLY)
