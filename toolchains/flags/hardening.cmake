add_library(kyso_hardening INTERFACE)
if(KYSO_BOARD)
    # 8 KB of flash if everywhere: kyso_stack_protector() names the folders that parse what strangers
    # send. Elsewhere spans check bounds, and the MPU guards the stack's end.
    function(kyso_stack_protector target)
        target_compile_options(${target} PRIVATE -fstack-protector-strong)
    endfunction()
else()
    target_compile_options(kyso_hardening INTERFACE -fstack-protector-strong
        $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
    target_link_options(kyso_hardening INTERFACE -Wl,-z,relro,-z,now)
    function(kyso_stack_protector target)
    endfunction()
endif()
