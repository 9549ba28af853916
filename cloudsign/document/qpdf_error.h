#pragma once

#include <exception>
#include <qpdf/QPDFExc.hh>

#include "cloudsign/error.h"

namespace cloudsign::document {

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
        return Error{ErrorKind::invalid, "The PDF is damaged: " + error.getMessageDetail() + "."};
    } catch (const std::bad_alloc&) {
        return Error{ErrorKind::unavailable, "The PDF takes more memory than there is."};
    } catch (const std::exception& error) {
        return Error{ErrorKind::invalid, "The PDF is damaged: " + std::string(error.what()) + "."};
    }
}

}  // namespace cloudsign::document
