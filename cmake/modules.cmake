# The floors. A module names its floor and the modules that it uses; each must stand on a strictly lower floor.
# tests/tidy_test.cc holds the #include lines to the same list, which is written to generated/floors.tsv.

# Pairs that must not meet, not even through others: these programs and libraries carry no network code.
set(PAW_UNREACHABLE "cli:net" "workflow:net" "client:net" "client:sync" "sync:client")

define_property(GLOBAL PROPERTY PAW_FLOORS BRIEF_DOCS "lines of floors.tsv" FULL_DOCS "module, floor, deps")
set_property(GLOBAL PROPERTY PAW_FLOORS "")

function(pawprint_check_floor name floor)
  foreach(dep IN LISTS ARGN)
    get_property(dep_floor GLOBAL PROPERTY PAW_FLOOR_${dep})
    if("${dep_floor}" STREQUAL "")
      message(FATAL_ERROR "module ${name} uses ${dep}, which is not a module that stands before it")
    endif()
    if(NOT dep_floor LESS floor)
      message(FATAL_ERROR "module ${name} (floor ${floor}) uses ${dep} (floor ${dep_floor}): only lower floors")
    endif()
    get_property(below GLOBAL PROPERTY PAW_REACHES_${dep})
    list(APPEND reached ${dep} ${below})
  endforeach()
  list(REMOVE_DUPLICATES reached)
  foreach(module IN LISTS reached)
    if("${name}:${module}" IN_LIST PAW_UNREACHABLE)
      message(FATAL_ERROR "module ${name} must never reach ${module}, and does through: ${ARGN}")
    endif()
  endforeach()
  set_property(GLOBAL PROPERTY PAW_FLOOR_${name} ${floor})
  set_property(GLOBAL PROPERTY PAW_REACHES_${name} "${reached}")
  set_property(GLOBAL APPEND_STRING PROPERTY PAW_FLOORS "${name}\t${floor}\t${ARGN}\n")
endfunction()

# In a build with PAWPRINT_TOGETHER: compiles sources of `target` as one where they do not clash (unity_groups.awk).
# A source with options of its own stays alone.
file(GLOB_RECURSE paw_headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/*.h ${CMAKE_SOURCE_DIR}/include/*.h
  ${CMAKE_SOURCE_DIR}/tests/*.h)
function(pawprint_together target)
  if(NOT PAWPRINT_TOGETHER)
    return()
  endif()
  execute_process(COMMAND awk -v most=${PAWPRINT_TOGETHER} -f ${CMAKE_SOURCE_DIR}/cmake/unity_groups.awk
      ${paw_headers} ${ARGN}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE lines COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" lines "${lines}")
  foreach(line IN LISTS lines)
    if(line)
      string(REPLACE " " ";" words "${line}")
      list(POP_BACK words group)
      set_source_files_properties(${words} PROPERTIES UNITY_GROUP ${target}_${group})
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# pawprint_module(name FLOOR n [DEPS module...] [LIBS target...] [PROGRAM executable] [TEST_DEPS module...]
#                 [NEEDS target...])   programs that its tests start
# All *.cc of the folder make the library; *_test.cc make one test program; main.cc makes PROGRAM.
function(pawprint_module name)
  cmake_parse_arguments(ARG "" "FLOOR;PROGRAM" "DEPS;LIBS;TEST_DEPS;NEEDS" ${ARGN})
  pawprint_check_floor(${name} ${ARG_FLOOR} ${ARG_DEPS})
  string(REPLACE "/" "_" target "paw_${name}")

  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "(_test|/main)\\.cc$")
  set(kind PUBLIC)
  if(sources)
    add_library(${target} STATIC ${sources})
    pawprint_together(${target} ${sources})
  else()
    add_library(${target} INTERFACE)
    set(kind INTERFACE)
  endif()
  target_link_libraries(${target} ${kind} paw_flags)
  foreach(dep IN LISTS ARG_DEPS)
    string(REPLACE "/" "_" dep_target "paw_${dep}")
    target_link_libraries(${target} ${kind} ${dep_target})
  endforeach()
  target_link_libraries(${target} ${kind} ${ARG_LIBS})

  if(ARG_PROGRAM)
    add_executable(${ARG_PROGRAM} main.cc)
    target_link_libraries(${ARG_PROGRAM} PRIVATE ${target})
  endif()
  if(tests)
    pawprint_test(${target}_test SOURCES ${tests} MODULES ${name} ${ARG_TEST_DEPS} NEEDS ${ARG_NEEDS})
  endif()
endfunction()

# pawprint_test(target [SERIAL] SOURCES file... MODULES module...): a GoogleTest program whose every test ends by itself.
# SERIAL: it has the machine to itself.
function(pawprint_test target)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;MODULES;NEEDS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${target} ${ARG_SOURCES})
  pawprint_together(${target} ${ARG_SOURCES})
  foreach(module IN LISTS ARG_MODULES)
    string(REPLACE "/" "_" module_target "paw_${module}")
    target_link_libraries(${target} PRIVATE ${module_target})
  endforeach()
  target_link_libraries(${target} PRIVATE paw_flags GTest::gtest_main)
  target_compile_definitions(${target} PRIVATE PAWPRINT_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
    PAWPRINT_BINARY_DIR="${CMAKE_BINARY_DIR}")
  if(ARG_NEEDS)
    add_dependencies(${target} ${ARG_NEEDS})
  endif()
  include(GoogleTest)
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${ARG_SERIAL})
endfunction()
