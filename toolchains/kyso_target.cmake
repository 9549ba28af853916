# The four kinds of target that this tree has. Sources are named relative to the calling folder;
# includes always start at the repository root.
include(flags/warnings)
include(flags/hardening)
include(flags/sanitizers)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Paths below the tree count as relative, so that one clone finds what another has compiled.
find_program(CCACHE ccache)
if(CCACHE)
    set(launcher env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 "${CCACHE}")
    set(CMAKE_C_COMPILER_LAUNCHER ${launcher})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${launcher})
endif()

function(kyso_common target)
    target_include_directories(${target} PUBLIC "${CMAKE_SOURCE_DIR}")
    target_link_libraries(${target} PRIVATE kyso_warnings kyso_hardening)
    target_link_libraries(${target} PUBLIC kyso_sanitizers)
endfunction()

# kyso_library(name [FREESTANDING] SOURCES … [LIBRARIES …] [PRIVATE_LIBRARIES …])
# FREESTANDING: the code also compiles for the board: no exceptions, no RTTI, no heap.
function(kyso_library name)
    cmake_parse_arguments(ARG "FREESTANDING" "" "SOURCES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    kyso_common(${name})
    target_link_libraries(${name} PUBLIC ${ARG_LIBRARIES} PRIVATE ${ARG_PRIVATE_LIBRARIES})
    if(ARG_FREESTANDING)
        target_compile_options(${name} PRIVATE
            $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fno-rtti -fno-threadsafe-statics>)
    endif()
endfunction()

# kyso_program(name SOURCES … [LIBRARIES …])
function(kyso_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    kyso_common(${name})
    target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES})
endfunction()

# kyso_test(name LABEL unit SOURCES … [LIBRARIES …] [PROGRAMS …] [TIMEOUT seconds] [ENVIRONMENT …])
# One GoogleTest program, registered whole: one process start for its many cases. PROGRAMS: what it
# starts from KYSO_BIN, built along with it. A test of the label bench-smoke runs alone, since it
# looks at the clock.
function(kyso_test name)
    cmake_parse_arguments(ARG "" "LABEL;TIMEOUT" "SOURCES;LIBRARIES;PROGRAMS;ENVIRONMENT" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 300)
    endif()
    add_executable(${name} ${ARG_SOURCES})
    kyso_common(${name})
    target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABEL}" TIMEOUT ${ARG_TIMEOUT}
        ENVIRONMENT "KYSO_BIN=${CMAKE_BINARY_DIR}/bin;KYSO_SOURCE=${CMAKE_SOURCE_DIR};${ARG_ENVIRONMENT}")
    if(ARG_PROGRAMS)
        add_dependencies(${name} ${ARG_PROGRAMS})
    endif()
    if("bench-smoke" IN_LIST ARG_LABEL)
        set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
    endif()
endfunction()

# kyso_fuzzer(name SOURCES … LIBRARIES … CORPUS folder)
# With the fuzz preset a libFuzzer program; in every other preset the same entry point, replayed
# over its corpus. Either way a CTest test with the label fuzz. The target `fuzzers` builds them all.
add_custom_target(fuzzers)
function(kyso_fuzzer name)
    cmake_parse_arguments(ARG "" "CORPUS" "SOURCES;LIBRARIES" ${ARGN})
    get_filename_component(ARG_CORPUS "${ARG_CORPUS}" ABSOLUTE)
    if(KYSO_FUZZ)
        add_executable(${name} ${ARG_SOURCES})
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
        add_test(NAME ${name} COMMAND "${CMAKE_SOURCE_DIR}/ci/fuzz-one" "$<TARGET_FILE:${name}>" "${ARG_CORPUS}")
    else()
        add_executable(${name} ${ARG_SOURCES} "${CMAKE_SOURCE_DIR}/tests/support/replay_corpus.cc")
        add_test(NAME ${name} COMMAND ${name} "${ARG_CORPUS}")
    endif()
    kyso_common(${name})
    target_link_libraries(${name} PRIVATE ${ARG_LIBRARIES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/fuzz")
    set_tests_properties(${name} PROPERTIES LABELS fuzz TIMEOUT 900)
    add_dependencies(fuzzers ${name})
endfunction()
