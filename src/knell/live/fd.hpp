#pragma once

#include <unistd.h>

#include <utility>

namespace knell::live {

/// A descriptor that is closed with its owner. Not valid (-1) where opening it failed.
class Fd {
public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Fd() {
    if (valid()) ::close(number_);
  }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }

private:
  int number_ = -1;
};

}  // namespace knell::live
