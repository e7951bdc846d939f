// OpenMP code with a race, on purpose.
int main() {
    int counter = 0;
#pragma omp parallel num_threads(4)
    for (int i = 0; i < 1000; ++i) {
        ++counter;
    }
    return counter > 0 ? 0 : 1;
}
