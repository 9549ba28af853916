#pragma once

#include <exception>
#include <qpdf/QPDFExc.hh>

#include "cloudsign/error.h"

namespace cloudsign::document {

inline constexpr std::string_view damaged_words = "The PDF is damaged: ";

inline Error damaged(std::string_view what) {
    return {ErrorKind::invalid, std::string(damaged_words) + std::string(what) + "."};
}

// Whether that is what is wrong: a file that nobody has signed can then be repaired.
inline bool is_damaged(const Error& error) {
    return error.detail.starts_with(damaged_words);
}

// What exactly, without those words.
inline std::string what_is_damaged(const Error& error) {
    return is_damaged(error) ? error.detail.substr(damaged_words.size()) : error.detail;
}

// What `work` answers; what QPDF throws in it becomes `invalid` in words.
template <class Work>
auto with_qpdf(const Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const QPDFExc& error) {
        if (error.getErrorCode() == qpdf_e_password) {
            return Error{ErrorKind::invalid,
                         "The PDF is encrypted: save it without a password first."};
        }
        return damaged(error.getMessageDetail());
    } catch (const std::bad_alloc&) {
        return Error{ErrorKind::unavailable, "The PDF takes more memory than there is."};
    } catch (const std::exception& error) {
        return damaged(error.what());
    }
}

}  // namespace cloudsign::document
