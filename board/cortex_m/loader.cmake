# What a board with slots (boot_slots.cc) has beside its image. Its board.cmake says
#   kyso_board_loader_size    flash for the loader
#   kyso_board_loader_sources of its folder: boot_slots(), the MPU's regions and what they need
#   kyso_board_run_addresses  where images run: one address, or one for each slot
list(TRANSFORM kyso_board_loader_sources PREPEND "${board_folder}/")
kyso_image(kyso-${KYSO_BOARD}-boot
    SOURCES fault.cc loader_stack_guard.cc loader_vectors.cc mpu_${kyso_board_version}.cc no_heap.cc panic.cc
        start.cc start_image.cc ${kyso_board_loader_sources} "${CMAKE_SOURCE_DIR}/firmware/boot/main.cc"
    LIBRARIES firmware_loader
    OPTIONS "-Wl,--defsym=IMAGE_LENGTH=${kyso_board_loader_size}")
kyso_maker_key(kyso-${KYSO_BOARD}-boot)
target_compile_definitions(kyso-${KYSO_BOARD}-boot PRIVATE KYSO_BOARD_NAME="${KYSO_BOARD}")

set(letters a b)
foreach(address letter IN ZIP_LISTS kyso_board_run_addresses letters)
    if(address)
        kyso_image(kyso-${KYSO_BOARD}-${letter}
            SOURCES "${CMAKE_SOURCE_DIR}/firmware/app/main.cc" own_slots.cc "${board_folder}/boot_slots.cc"
            LIBRARIES ${module_libraries}
            OPTIONS "-Wl,--defsym=IMAGE_ORIGIN=${address}")
        kyso_maker_key(kyso-${KYSO_BOARD}-${letter})
    endif()
endforeach()
