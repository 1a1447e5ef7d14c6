// Pointers: linked lists are built in random order, sorted by merging, walked, reversed; a tree is searched.

#include "kernel.h"

#define NODES 20000

typedef struct Node Node;
struct Node {
  Node *next, *left, *right;
  u32 key;
};

static Node nodes[NODES];

static Node *merged(Node *a, Node *b) {
  Node *first = NULL;
  Node **end = &first;
  while (a != NULL && b != NULL) {
    Node **smaller = a->key <= b->key ? &a : &b;
    *end = *smaller;
    end = &(*end)->next;
    *smaller = *end;
  }
  *end = a != NULL ? a : b;
  return first;
}

static NOINLINE Node *sorted(Node *list) {
  Node *runs[32] = {0};
  while (list != NULL) {
    Node *run = list;
    list = list->next;
    run->next = NULL;
    int i = 0;
    for (; runs[i] != NULL; i++) {
      run = merged(runs[i], run);
      runs[i] = NULL;
    }
    runs[i] = run;
  }
  Node *all = NULL;
  for (int i = 0; i < 32; i++) all = merged(runs[i], all);
  return all;
}

static NOINLINE Node *reversed(Node *list) {
  Node *back = NULL;
  while (list != NULL) {
    Node *next = list->next;
    list->next = back;
    back = list;
    list = next;
  }
  return back;
}

static NOINLINE Node *tree_of(Node *list) {
  Node *root = NULL;
  for (; list != NULL; list = list->next) {
    Node **place = &root;
    while (*place != NULL) place = list->key < (*place)->key ? &(*place)->left : &(*place)->right;
    *place = list;
    list->left = list->right = NULL;
  }
  return root;
}

static NOINLINE u32 depth_of(const Node *tree, u32 key) {
  u32 depth = 0;
  for (; tree != NULL && tree->key != key; depth++) tree = key < tree->key ? tree->left : tree->right;
  return depth;
}

void _start(void) {
  u64 sum = 0;
  for (int round = 0; round < 2; round++) {
    Node *list = NULL;
    for (int i = 0; i < NODES; i++) {
      Node *node = &nodes[(u32)i * 7919u % NODES];
      node->key = (u32)random_u64();
      node->next = list;
      list = node;
    }
    const Node *tree = tree_of(list);
    for (int i = 0; i < NODES; i++) sum = mixed(sum, depth_of(tree, nodes[i].key));
    list = reversed(sorted(list));
    for (int walks = 0; walks < 5; walks++)
      for (const Node *node = list; node != NULL; node = node->next) sum = sum * 33 + node->key;
  }
  report(sum);
}
