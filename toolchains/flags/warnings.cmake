add_library(kyso_warnings INTERFACE)
target_compile_options(kyso_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wformat=2 -Wundef
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor -Woverloaded-virtual -Wextra-semi>
    $<$<BOOL:${KYSO_WARNINGS_AS_ERRORS}>:-Werror>)
