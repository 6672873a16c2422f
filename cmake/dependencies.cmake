# Third-party libraries, from Debian packages (packages.txt). Static where Debian has the archive, so that
# `pawprint` starts in about a millisecond. docs/dependencies.md says why each one was chosen.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

# pawprint_static(target archive...): an imported interface target over lib<archive>.a files.
function(pawprint_static target)
  add_library(${target} INTERFACE IMPORTED GLOBAL)
  foreach(archive IN LISTS ARGN)
    find_library(PAW_ARCHIVE_${archive} lib${archive}.a REQUIRED)
    target_link_libraries(${target} INTERFACE ${PAW_ARCHIVE_${archive}})
  endforeach()
endfunction()

pawprint_static(third_party::sqlite sqlite3)
target_link_libraries(third_party::sqlite INTERFACE Threads::Threads m)
pawprint_static(third_party::yaml fyaml)
pawprint_static(third_party::sodium sodium)
pawprint_static(third_party::crypto crypto)
target_link_libraries(third_party::crypto INTERFACE Threads::Threads)
pawprint_static(third_party::tls ssl crypto)
target_link_libraries(third_party::tls INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
pawprint_static(third_party::json boost_json boost_container)
pawprint_static(third_party::deflate deflate)
pawprint_static(third_party::zlib z)
pawprint_static(third_party::uring uring)
pawprint_static(third_party::re2 re2)
target_link_libraries(third_party::re2 INTERFACE Threads::Threads)
# Only shared: Debian has no archive of it.
add_library(third_party::prometheus INTERFACE IMPORTED GLOBAL)
find_library(PAW_PROMETHEUS prometheus-cpp-core REQUIRED)
target_link_libraries(third_party::prometheus INTERFACE ${PAW_PROMETHEUS})
find_package(GTest REQUIRED)
