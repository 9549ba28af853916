#pragma once

#include <tuple>

#include "cloudsign/store/cell.h"
#include "cloudsign/store/session.h"

// Typed prepared statements. Inside cloudsign/store only.
namespace cloudsign::store {

template <class T>
concept HasColumns = requires {
    Columns<T>::list;
};

// The cells of one value that goes in or comes out: a single column, or a whole row.
template <class T>
class Slot {
public:
    void use_in(soci::statement& statement) {
        statement.exchange(soci::use(cell_.value, cell_.indicator));
    }
    void take_from(soci::statement& statement) {
        statement.exchange(soci::into(cell_.value, cell_.indicator));
    }
    void encode(const T& value) { Codec<T>::encode(value, cell_); }
    Result<void> decode(T& value, const char* column = "value") const {
        const bool is_null = cell_.indicator == soci::i_null;
        if ((is_null && !is_nullable<T>) || !Codec<T>::decode(cell_, value)) {
            return Error{ErrorKind::internal, std::string("database: bad column ") + column};
        }
        return {};
    }

private:
    typename Codec<T>::CellType cell_;
};

template <class Row, class Member>
auto& field_of(Row& row, const Column<Member>& column) {
    return std::invoke(column.member, row);
}

template <class Row, class ColumnTuple>
struct SlotsOf;
template <class Row, class... Members>
struct SlotsOf<Row, const std::tuple<Column<Members>...>> {
    using type =
        std::tuple<Slot<std::remove_cvref_t<std::invoke_result_t<const Members&, Row&>>>...>;
};

template <HasColumns Row>
class Slot<Row> {
public:
    void use_in(soci::statement& statement) {
        std::apply([&](auto&... slot) { (slot.use_in(statement), ...); }, slots_);
    }
    void take_from(soci::statement& statement) {
        std::apply([&](auto&... slot) { (slot.take_from(statement), ...); }, slots_);
    }
    void encode(const Row& row) { encode_each(row, indices); }
    Result<void> decode(Row& row) const { return decode_each(row, indices); }

private:
    using Slots = typename SlotsOf<Row, decltype(Columns<Row>::list)>::type;
    static constexpr auto indices = std::make_index_sequence<std::tuple_size_v<Slots>>();

    template <std::size_t... i>
    void encode_each(const Row& row, std::index_sequence<i...>) {
        (std::get<i>(slots_).encode(field_of(row, std::get<i>(Columns<Row>::list))), ...);
    }
    template <std::size_t... i>
    Result<void> decode_each(Row& row, std::index_sequence<i...>) const {
        Result<void> outcome;
        const auto decode_one = [&](const auto& slot, const auto& column) {
            outcome = slot.decode(field_of(row, column), column.name);
            return outcome.has_value();
        };
        (decode_one(std::get<i>(slots_), std::get<i>(Columns<Row>::list)) && ...);
        return outcome;
    }

    Slots slots_;
};

struct Nothing {};
template <>
class Slot<Nothing> {
public:
    void take_from(soci::statement&) {}
};

// "a, b, c" and ":a, :b, :c".
template <HasColumns Row>
std::string column_list(const char* before_each = "") {
    std::string list;
    const auto add = [&](const char* name) {
        list += (list.empty() ? "" : ", ") + std::string(before_each) + name;
    };
    std::apply([&](const auto&... column) { (add(column.name), ...); }, Columns<Row>::list);
    return list;
}
template <HasColumns Row>
std::string insert_sql() {
    return std::string("INSERT INTO ") + Columns<Row>::table + " (" + column_list<Row>() +
           ") VALUES (" + column_list<Row>(":") + ")";
}
template <HasColumns Row>
std::string select_sql(const std::string& rest) {
    return "SELECT " + column_list<Row>() + " FROM " + Columns<Row>::table + " " + rest;
}

// A statement that takes `In…` in the order of its parameters and answers rows of `Out`.
template <class Out, class... In>
class Statement : public PreparedStatement {
public:
    Statement(Session& session, std::string sql) : session_(session), sql_(std::move(sql)) {}

    // How many rows it changed.
    Result<long long> run(const In&... in) {
        return session_.guarded([&]() -> Result<long long> {
            soci::statement& statement = ready();
            encode(in...);
            statement.execute(true);
            return statement.get_affected_rows();
        });
    }

    Result<std::optional<Out>> one(const In&... in) {
        return session_.guarded([&]() -> Result<std::optional<Out>> {
            soci::statement& statement = ready();
            encode(in...);
            std::optional<Out> found;
            Result<void> decoded;
            for (bool got = statement.execute(true); got; got = statement.fetch()) {
                decoded = out_.decode(found.emplace());
            }
            if (!decoded) {
                return std::move(decoded).error();
            }
            return found;
        });
    }

    Result<std::vector<Out>> all(const In&... in) {
        return session_.guarded([&]() -> Result<std::vector<Out>> {
            soci::statement& statement = ready();
            encode(in...);
            std::vector<Out> found;
            Result<void> decoded;
            // To the end even after a bad row: an unfinished statement holds its snapshot.
            for (bool got = statement.execute(true); got; got = statement.fetch()) {
                if (decoded) {
                    decoded = out_.decode(found.emplace_back());
                }
            }
            if (!decoded) {
                return std::move(decoded).error();
            }
            return found;
        });
    }

private:
    // Prepared at the first use, where an exception has its place.
    soci::statement& ready() {
        if (!statement_) {
            soci::statement statement(session_.sql());
            statement.alloc();
            std::apply([&](auto&... slot) { (slot.use_in(statement), ...); }, in_);
            out_.take_from(statement);
            statement.prepare(sql_);
            statement.define_and_bind();
            statement_.emplace(statement);
        }
        return *statement_;
    }

    void encode(const In&... in) {
        std::apply([&](auto&... slot) { (slot.encode(in), ...); }, in_);
    }

    Session& session_;
    const std::string sql_;
    std::tuple<Slot<In>...> in_;
    Slot<Out> out_;
    std::optional<soci::statement> statement_;
};

// For a change whose row may have moved on: whether it hit.
inline Result<bool> hit(Result<long long> rows) {
    if (!rows) {
        return std::move(rows).error();
    }
    return *rows > 0;
}
inline Result<void> done(Result<long long> rows) {
    if (!rows) {
        return std::move(rows).error();
    }
    return {};
}

}  // namespace cloudsign::store
