# Arm MPS2 AN386, Cortex-M4.
set(kyso_board_core -mcpu=cortex-m4)
set(kyso_board_version v7m)
set(kyso_board_class emulated)
set(kyso_board_shared board/cmsdk/mapped_flash.cc)
set(kyso_board_loader_size 40K)
set(kyso_board_loader_sources boot_mpu.cc boot_slots.cc flash.cc ../cmsdk/mapped_flash.cc)
set(kyso_board_run_addresses 0x00100000)
