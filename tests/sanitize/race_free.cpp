// OpenMP code without a race: what one thread writes another reads behind a barrier.
#include <array>

int main() {
    std::array<int, 64> numbers{};
    int sum = 0;
    for (int repetition = 0; repetition < 100; ++repetition) {
#pragma omp parallel num_threads(4)
        {
#pragma omp for
            for (int i = 0; i < 64; ++i) {
                numbers[static_cast<std::size_t>(i)] = i + repetition;
            }
#pragma omp for reduction(+ : sum)
            for (int i = 0; i < 64; ++i) {
                sum += numbers[static_cast<std::size_t>(63 - i)];
            }
        }
    }
    return sum > 0 ? 0 : 1;
}
