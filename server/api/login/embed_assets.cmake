# Writes OUTPUT, the .cc that holds the login host's script and style out of FOLDER, cloudsign/web.
file(READ "${FOLDER}/login/login.js" script)
file(READ "${FOLDER}/shared/base.css" base)
file(READ "${FOLDER}/login/login.css" style)
file(WRITE "${OUTPUT}" "#include \"server/api/login/assets.h\"\n\nnamespace server::api::login {\n\n"
    "std::string_view script_text() {\n    return R\"asset(${script})asset\";\n}\n\n"
    "std::string_view style_text() {\n    return R\"asset(${base}${style})asset\";\n}\n\n"
    "}  // namespace server::api::login\n")
