#pragma once

namespace server::hub {

// What another provider speaks.
enum class Dialect {
    csc,    // CSC v2: base URL …/csc/v2
    qd769,  // as NEAC asks a provider: …/get_certificate, …/sign
    sp769,  // the field's other form: …/v1/credentials/get_certificate, …/v1/signatures/sign
};

}  // namespace server::hub
