# Olimex STM32-H405: STM32F405RG, Cortex-M4 at 168 MHz, 1 MB of flash, 128 KB of RAM.
set(kyso_board_core -mcpu=cortex-m4)
set(kyso_board_version v7m)
set(kyso_board_class hardware)
set(kyso_board_shared board/stm32f405/ram_code.cc)
# The assembler keeps no line numbers of code that lies in .data, and would say so for each line.
cmake_language(DEFER CALL set_source_files_properties "${CMAKE_SOURCE_DIR}/board/stm32f405/ram_code.cc"
    DIRECTORY board/cortex_m PROPERTIES COMPILE_OPTIONS -g0)
