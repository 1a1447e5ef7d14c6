;;! emit = trampolines
;; One entry trampoline per signature of an escaping function, one exit trampoline per signature of an import.
(module
  (import "" "log" (func (param i32 f64) (result i64 f32)))
  (func (export "empty"))
  (func (export "pair") (param i64 f32 externref) (result f64 i32) (f64.const 0) (i32.const 0))
  (func $internal (param f64))
)

;; ==>
;; function u1:1(i64, i64, i64, i64) -> i8 winch {
;;     sig0 = (i64 vmctx) tail
;;
;; block0(v0: i64, v1: i64, v2: i64, v3: i64):
;;     v4 = load.i64 notrap aligned little v0+8
;;     v5 = get_frame_pointer.i64
;;     store notrap aligned little v5, v4+56
;;     v6 = get_stack_pointer.i64
;;     store notrap aligned little v6, v4+48
;;     v7 = get_exception_handler_address.i64 block0, 0
;;     store notrap aligned little v7, v4+40
;;     try_call_indirect v1(v0), sig0, block1, [ default: block2 ]
;;
;; block1:
;;     v8 = iconst.i8 1
;;     return v8
;;
;; block2:
;;     v9 = iconst.i8 0
;;     return v9
;; }
;;
;; function u1:2(i64, i64, i64, i64) -> i8 winch {
;;     sig0 = (i64 vmctx, i64, f32, i64) -> f64, i32 tail
;;
;; block0(v0: i64, v1: i64, v2: i64, v3: i64):
;;     v4 = load.i64 notrap aligned little v2
;;     v5 = load.f32 notrap aligned little v2+16
;;     v6 = load.i64 notrap aligned little v2+32
;;     v7 = load.i64 notrap aligned little v0+8
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v7+56
;;     v9 = get_stack_pointer.i64
;;     store notrap aligned little v9, v7+48
;;     v10 = get_exception_handler_address.i64 block0, 0
;;     store notrap aligned little v10, v7+40
;;     try_call_indirect v1(v0, v4, v5, v6), sig0, block1(ret0, ret1), [ default: block2 ]
;;
;; block1(v11: f64, v12: i32):
;;     store notrap aligned little v11, v2
;;     store notrap aligned little v12, v2+16
;;     v13 = iconst.i8 1
;;     return v13
;;
;; block2:
;;     v14 = iconst.i8 0
;;     return v14
;; }
;;
;; function u2:0(i64 vmctx, i32, f64) -> i64, f32 tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: f64):
;;     v3 = load.i64 notrap aligned little v0
;;     v4 = load.i32 notrap aligned little v0+8
;;     v5 = iconst.i64 -2147483648
;;     v6 = get_stack_pointer.i64
;;     v7 = band v6, v5
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v3+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v3+32
;;     store notrap aligned little v1, v7+256
;;     store notrap aligned little v2, v7+272
;;     store notrap aligned little v4, v7+28
;;     v10 = iconst.i32 3
;;     v11 = call fn0(v10, v7)
;;     v12 = load.i64 notrap aligned little v11+256
;;     v13 = load.f32 notrap aligned little v11+272
;;     return v12, v13
;; }
