# kyso_maker_key(target): <firmware/boot/maker_key.h> with the public key of who signs releases.
set(KYSO_MAKER_KEY "${CMAKE_SOURCE_DIR}/firmware/boot/TEST-maker.pem" CACHE FILEPATH
    "The maker's public key (PEM, P-256); the default is everybody's, for tests")

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${KYSO_MAKER_KEY}")

function(kyso_maker_key target)
    # The last 65 bytes of its SubjectPublicKeyInfo, whose 26 bytes before them are P-256's own.
    set(der "${CMAKE_BINARY_DIR}/maker_key.der")
    execute_process(COMMAND openssl pkey -pubin -in "${KYSO_MAKER_KEY}" -outform DER -out "${der}"
        COMMAND_ERROR_IS_FATAL ANY)
    file(READ "${der}" hex HEX)
    if(NOT hex MATCHES "^3059301306072a8648ce3d020106082a8648ce3d030107034200(04[0-9a-f]+)$")
        message(FATAL_ERROR "${KYSO_MAKER_KEY} is no public P-256 key")
    endif()
    string(REGEX REPLACE "(..)" "0x\\1, " KYSO_MAKER_POINT "${CMAKE_MATCH_1}")
    get_filename_component(KYSO_MAKER_NAME "${KYSO_MAKER_KEY}" NAME)
    configure_file("${CMAKE_SOURCE_DIR}/firmware/boot/maker_key.h.in"
        "${CMAKE_BINARY_DIR}/generated/firmware/boot/maker_key.h" @ONLY)
    target_include_directories(${target} PRIVATE "${CMAKE_BINARY_DIR}/generated")
endfunction()
