# Writes OUTPUT, the .cc that holds login.js and login.css of FOLDER.
file(READ "${FOLDER}/login.js" script)
file(READ "${FOLDER}/login.css" style)
file(WRITE "${OUTPUT}" "#include \"server/api/login/assets.h\"\n\nnamespace server::api::login {\n\n"
    "std::string_view script_text() {\n    return R\"asset(${script})asset\";\n}\n\n"
    "std::string_view style_text() {\n    return R\"asset(${style})asset\";\n}\n\n"
    "}  // namespace server::api::login\n")
