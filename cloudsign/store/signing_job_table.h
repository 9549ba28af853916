#pragma once

#include <string>
#include <vector>

#include "cloudsign/error.h"

namespace cloudsign::store {

class Session;

// Transactions that the server signs by itself once they are approved. Errors as ClientTable's.
class SigningJobTable {
public:
    explicit SigningJobTable(Session& session) : session_(session) {}

    Result<void> insert(const std::string& transaction_id);
    Result<std::vector<std::string>> all();
    // Its transaction has ended.
    Result<void> erase(const std::string& transaction_id);

private:
    Session& session_;
};

}  // namespace cloudsign::store
