# Netduino Plus 2 as QEMU 7.2 has it: an STM32F405 (Cortex-M4) without clock, flash and noise models.
set(kyso_board_core -mcpu=cortex-m4)
set(kyso_board_version v7m)
set(kyso_board_class emulated)
set(kyso_board_shared board/cmsdk/mapped_flash.cc)
