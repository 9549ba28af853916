# Arm MPS2+ AN505, Cortex-M33, secure state.
set(kyso_board_core -mcpu=cortex-m33+nofp)
set(kyso_board_version v8m)
set(kyso_board_class emulated)
set(kyso_board_shared board/cmsdk/mapped_flash.cc)
set(kyso_board_loader_size 40K)
set(kyso_board_loader_sources boot_mpu.cc boot_slots.cc flash.cc ../cmsdk/mapped_flash.cc)
set(kyso_board_run_addresses 0x10100000)
