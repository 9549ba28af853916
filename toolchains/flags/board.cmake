# Flags of every unit of an image. board.cmake has set kyso_board_core (-mcpu=… and the like) and
# kyso_board_version (architecture: v7m or v8m).
set(KYSO_OPT "-Os" CACHE STRING "Optimisation of firmware: -Os is shipped, -O2 is for comparison")

# No paths of this machine in an image: two folders build the same bytes.
add_compile_options(
    ${kyso_board_core} -mthumb -mfloat-abi=soft ${KYSO_OPT} -g1
    -ffunction-sections -fdata-sections -fno-common -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.
    -Wno-psabi -fno-unwind-tables -fno-asynchronous-unwind-tables
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
    $<$<COMPILE_LANGUAGE:CXX>:-fno-threadsafe-statics> $<$<COMPILE_LANGUAGE:CXX>:-fno-use-cxa-atexit>)
add_link_options(${kyso_board_core} -mthumb -mfloat-abi=soft --specs=nano.specs -nostartfiles
    -Wl,--gc-sections -Wl,--no-warn-rwx-segments -Wl,--fatal-warnings)
