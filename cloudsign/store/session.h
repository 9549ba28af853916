#pragma once

#include <bitset>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <soci/soci.h>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/database.h"

// Inside cloudsign/store only.
namespace cloudsign::store {

// Names the exception that is being handled; to be called in a catch block only. `fault` says in
// full what the Error's detail, which callers may show, leaves out; empty when there is no fault.
Error database_error(std::string& fault);

using FaultReport = std::function<void(const std::string&)>;

class PreparedStatement {
public:
    PreparedStatement() = default;
    PreparedStatement(const PreparedStatement&) = delete;
    PreparedStatement& operator=(const PreparedStatement&) = delete;
    virtual ~PreparedStatement() = default;
};

// One connection, used by one thread at a time.
class Session {
public:
    Session(std::unique_ptr<soci::session> connection, FaultReport report)
        : connection_(std::move(connection)), report_(std::move(report)) {}

    soci::session& sql() { return *connection_; }

    // The statement of type S, kept: it is prepared when it first runs.
    template <class S>
    S& prepared() {
        const std::size_t slot = slot_of<S>();
        if (statements_.size() <= slot) {
            statements_.resize(slot + 1);
        }
        if (statements_[slot] == nullptr) {
            statements_[slot] = std::make_unique<S>(*this);
        }
        return static_cast<S&>(*statements_[slot]);
    }

    // Runs `work() -> Result<T>`: the one place where the library's exceptions become Errors.
    // After an error the session refuses all work until recover(): PostgreSQL would, and SQLite
    // may have rolled back the transaction by itself, so that what follows would stand alone.
    template <class Work>
    std::invoke_result_t<Work&> guarded(Work&& work) {
        if (failure_) {
            return *failure_;
        }
        try {
            return work();
        } catch (...) {
            std::string fault;
            failure_ = database_error(fault);
            if (!fault.empty() && report_) {
                report_(fault);
            }
            return *failure_;
        }
    }

    // Said by the tables when they change a row that may be remembered, and taken by the writer
    // after its commit.
    void touch(RowKind kind) { touched_.set(static_cast<std::size_t>(kind)); }
    std::bitset<row_kinds> take_touched() { return std::exchange(touched_, {}); }

    const std::optional<Error>& failure() const { return failure_; }
    void recover() { failure_.reset(); }

private:
    static std::size_t next_slot();
    template <class S>
    static std::size_t slot_of() {
        static const std::size_t slot = next_slot();
        return slot;
    }

    std::unique_ptr<soci::session> connection_;
    FaultReport report_;
    std::optional<Error> failure_;
    std::bitset<row_kinds> touched_;
    std::vector<std::unique_ptr<PreparedStatement>> statements_;  // closed before the connection
};

}  // namespace cloudsign::store
