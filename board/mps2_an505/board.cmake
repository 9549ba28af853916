# Arm MPS2+ AN505, Cortex-M33, secure state.
set(kyso_board_core -mcpu=cortex-m33+nofp)
set(kyso_board_version v8m)
set(kyso_board_class emulated)
set(kyso_board_shared board/cmsdk/mapped_flash.cc)
