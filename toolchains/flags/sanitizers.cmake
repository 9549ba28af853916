# KYSO_SANITIZE: a comma-separated list for -fsanitize=, empty for none.
add_library(kyso_sanitizers INTERFACE)
if(KYSO_SANITIZE)
    # vptr needs RTTI, which the freestanding libraries do without.
    target_compile_options(kyso_sanitizers INTERFACE
        -fsanitize=${KYSO_SANITIZE} -fno-sanitize=vptr -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(kyso_sanitizers INTERFACE -fsanitize=${KYSO_SANITIZE})
endif()
if(KYSO_FUZZ)
    target_compile_options(kyso_sanitizers INTERFACE -fsanitize=fuzzer-no-link)
endif()
