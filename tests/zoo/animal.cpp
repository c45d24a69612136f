#include "zoo/animal.hpp"

#include <algorithm>
#include <iterator>

namespace knell::zoo {
namespace {

constexpr std::size_t kCommLength = 15;  // TASK_COMM_LEN of linux/sched.h, without the null

std::vector<Animal> all() {
  std::vector<Animal> found;
  for (const auto family : {deaf, breeding, growing, straying, halted, waiting, undead, contained,
                            changing, named, stuck, heavy}) {
    std::vector<Animal> some = family();
    std::ranges::move(some, std::back_inserter(found));
  }
  return found;
}

}  // namespace

std::string comm_of(const Animal& animal) {
  const std::string comm = animal.comm.empty() ? "zoo-" + animal.name : animal.comm;
  return comm.substr(0, kCommLength);
}

const std::vector<Animal>& animals() {
  static const std::vector<Animal> kept = all();
  return kept;
}

const Animal* find_animal(const std::string& name) {
  const auto found = std::ranges::find(animals(), name, &Animal::name);
  return found == animals().end() ? nullptr : &*found;
}

}  // namespace knell::zoo
