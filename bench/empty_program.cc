// The floor of a command: a static C++ program that does nothing.
int main() {
  return 0;
}
