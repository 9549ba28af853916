# Debian's SOCI ships no CMake configuration. Targets: Soci::core, Soci::sqlite3.
find_path(SOCI_INCLUDE soci/soci.h)
find_library(SOCI_CORE soci_core)
find_library(SOCI_SQLITE3 soci_sqlite3)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Soci REQUIRED_VARS SOCI_INCLUDE SOCI_CORE SOCI_SQLITE3)
if(Soci_FOUND AND NOT TARGET Soci::core)
    add_library(Soci::core UNKNOWN IMPORTED)
    set_target_properties(Soci::core PROPERTIES IMPORTED_LOCATION "${SOCI_CORE}"
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${SOCI_INCLUDE}")
    add_library(Soci::sqlite3 UNKNOWN IMPORTED)
    set_target_properties(Soci::sqlite3 PROPERTIES IMPORTED_LOCATION "${SOCI_SQLITE3}"
        INTERFACE_LINK_LIBRARIES "Soci::core;SQLite::SQLite3")
endif()
