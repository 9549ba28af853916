add_library(kyso_hardening INTERFACE)
target_compile_options(kyso_hardening INTERFACE -fstack-protector-strong)
if(NOT KYSO_BOARD)
    target_compile_options(kyso_hardening INTERFACE
        $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
    target_link_options(kyso_hardening INTERFACE -Wl,-z,relro,-z,now)
endif()
