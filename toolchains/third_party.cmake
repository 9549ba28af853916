# What the product is built on. Debian packages are found; Mbed TLS and TinyCBOR are built from the
# pinned sources that ci/setup has put into KYSO_CACHE.
if(DEFINED ENV{KYSO_CACHE})
    set(KYSO_CACHE "$ENV{KYSO_CACHE}")
else()
    set(KYSO_CACHE "$ENV{HOME}/.cache/kyso")
endif()
set(MBEDTLS_SOURCE "${KYSO_CACHE}/src/mbedtls-3.6.6")
set(TINYCBOR_SOURCE "${KYSO_CACHE}/src/tinycbor-0.6.1")
foreach(source IN ITEMS ${MBEDTLS_SOURCE} ${TINYCBOR_SOURCE})
    if(NOT IS_DIRECTORY "${source}")
        message(FATAL_ERROR "${source} is missing: run ci/setup")
    endif()
endforeach()

if(KYSO_BOARD)
    add_compile_options("-ffile-prefix-map=${KYSO_CACHE}=cache")
endif()

add_library(tinycbor STATIC
    "${TINYCBOR_SOURCE}/src/cborencoder.c"
    "${TINYCBOR_SOURCE}/src/cborencoder_close_container_checked.c"
    "${TINYCBOR_SOURCE}/src/cborparser.c")
target_include_directories(tinycbor SYSTEM PUBLIC "${TINYCBOR_SOURCE}/src")
# Without NDEBUG TinyCBOR's asserts pull in stdio: 8 KB on the board.
target_compile_definitions(tinycbor PUBLIC NDEBUG)
target_link_libraries(tinycbor PUBLIC kyso_sanitizers)

file(GLOB mbedtls_sources CONFIGURE_DEPENDS "${MBEDTLS_SOURCE}/library/*.c")
add_library(mbedtls STATIC EXCLUDE_FROM_ALL ${mbedtls_sources})
target_include_directories(mbedtls SYSTEM PUBLIC "${MBEDTLS_SOURCE}/include"
    PRIVATE "${MBEDTLS_SOURCE}/library")
target_include_directories(mbedtls PUBLIC "${CMAKE_SOURCE_DIR}/firmware/engine/psa/config")
target_compile_definitions(mbedtls PUBLIC
    "MBEDTLS_CONFIG_FILE=<kyso_mbedtls_config.h>" "MBEDTLS_PSA_CRYPTO_CONFIG_FILE=<kyso_psa_config.h>")
target_link_libraries(mbedtls PUBLIC kyso_sanitizers)

if(KYSO_BOARD)
    # What a loader needs of it: kyso_boot_mbedtls_config.h.
    add_library(mbedtls_verifier STATIC EXCLUDE_FROM_ALL ${mbedtls_sources})
    target_include_directories(mbedtls_verifier SYSTEM PUBLIC "${MBEDTLS_SOURCE}/include"
        PRIVATE "${MBEDTLS_SOURCE}/library")
    target_include_directories(mbedtls_verifier PUBLIC "${CMAKE_SOURCE_DIR}/firmware/boot/config")
    target_compile_definitions(mbedtls_verifier PUBLIC
        "MBEDTLS_CONFIG_FILE=<kyso_boot_mbedtls_config.h>"
        "MBEDTLS_PSA_CRYPTO_CONFIG_FILE=<kyso_boot_psa_config.h>")
    return()
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(cpp-jwt REQUIRED)
find_package(prometheus-cpp REQUIRED COMPONENTS core)
find_package(tomlplusplus REQUIRED)
find_package(Soci REQUIRED)
find_package(LibXml2 REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(harfbuzz REQUIRED)
find_package(qpdf REQUIRED)
# std::shared_ptr alone, without the pointer of QPDF's own that came before it.
target_compile_definitions(qpdf::libqpdf INTERFACE POINTERHOLDER_TRANSITION=4)
set(Boost_NO_WARN_NEW_VERSIONS ON)
find_package(Boost 1.81 EXACT REQUIRED COMPONENTS context url)

find_path(UTF8PROC_INCLUDE utf8proc.h REQUIRED)
find_library(UTF8PROC_LIBRARY utf8proc REQUIRED)
add_library(utf8proc INTERFACE)
target_include_directories(utf8proc SYSTEM INTERFACE "${UTF8PROC_INCLUDE}")
target_link_libraries(utf8proc INTERFACE "${UTF8PROC_LIBRARY}")

find_path(P11KIT_INCLUDE p11-kit/pkcs11.h PATH_SUFFIXES p11-kit-1 REQUIRED)
add_library(pkcs11_header INTERFACE)
target_include_directories(pkcs11_header SYSTEM INTERFACE "${P11KIT_INCLUDE}")
