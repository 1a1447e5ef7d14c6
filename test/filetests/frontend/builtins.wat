;;! emit = builtins
(module)

;; ==>
;; ; memory_copy
;; function u3:0(i64 vmctx, i64, i64, i64, i64, i64) tail {
;; block0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64):
;;     v6 = load.i64 notrap aligned runtime v1+8
;;     v7 = icmp ugt v5, v6
;;     trapnz v7, heap_oob
;;     v8 = isub v6, v5
;;     v9 = icmp ugt v3, v8
;;     trapnz v9, heap_oob
;;     v10 = load.i64 notrap aligned readonly can_move runtime v1
;;     v11 = iadd v10, v3
;;     v12 = load.i64 notrap aligned runtime v2+8
;;     v13 = icmp ugt v5, v12
;;     trapnz v13, heap_oob
;;     v14 = isub v12, v5
;;     v15 = icmp ugt v4, v14
;;     trapnz v15, heap_oob
;;     v16 = load.i64 notrap aligned readonly can_move runtime v2
;;     v17 = iadd v16, v4
;;     v18 = isub v11, v17
;;     v19 = icmp uge v18, v5
;;     brif v19, block1, block2
;;
;; block1:
;;     jump block3(v5, v11, v17)
;;
;; block3(v20: i64, v25: i64, v26: i64):
;;     v21 = iconst.i64 32
;;     v22 = icmp uge v20, v21
;;     brif v22, block4, block5
;;
;; block4:
;;     v23 = iconst.i64 32
;;     v24 = isub.i64 v20, v23
;;     v27 = load.i64 notrap little heap v26
;;     v28 = load.i64 notrap little heap v26+8
;;     v29 = load.i64 notrap little heap v26+16
;;     v30 = load.i64 notrap little heap v26+24
;;     store notrap little heap v27, v25
;;     store notrap little heap v28, v25+8
;;     store notrap little heap v29, v25+16
;;     store notrap little heap v30, v25+24
;;     v31 = iconst.i64 32
;;     v32 = iadd.i64 v25, v31
;;     v33 = iconst.i64 32
;;     v34 = iadd.i64 v26, v33
;;     jump block3(v24, v32, v34)
;;
;; block5:
;;     jump block6(v20, v25, v26)
;;
;; block6(v35: i64, v40: i64, v41: i64):
;;     v36 = iconst.i64 8
;;     v37 = icmp uge v35, v36
;;     brif v37, block7, block8
;;
;; block7:
;;     v38 = iconst.i64 8
;;     v39 = isub.i64 v35, v38
;;     v42 = load.i64 notrap little heap v41
;;     store notrap little heap v42, v40
;;     v43 = iconst.i64 8
;;     v44 = iadd.i64 v40, v43
;;     v45 = iconst.i64 8
;;     v46 = iadd.i64 v41, v45
;;     jump block6(v39, v44, v46)
;;
;; block8:
;;     jump block9(v35, v40, v41)
;;
;; block9(v47: i64, v52: i64, v53: i64):
;;     v48 = iconst.i64 1
;;     v49 = icmp uge v47, v48
;;     brif v49, block10, block11
;;
;; block10:
;;     v50 = iconst.i64 1
;;     v51 = isub.i64 v47, v50
;;     v54 = uload8.i64 notrap little heap v53
;;     istore8 notrap little heap v54, v52
;;     v55 = iconst.i64 1
;;     v56 = iadd.i64 v52, v55
;;     v57 = iconst.i64 1
;;     v58 = iadd.i64 v53, v57
;;     jump block9(v51, v56, v58)
;;
;; block11:
;;     return
;;
;; block2:
;;     jump block12(v5)
;;
;; block12(v59: i64):
;;     v60 = iconst.i64 32
;;     v61 = icmp uge v59, v60
;;     brif v61, block13, block14
;;
;; block13:
;;     v62 = iconst.i64 32
;;     v63 = isub.i64 v59, v62
;;     v64 = iadd.i64 v11, v63
;;     v65 = iadd.i64 v17, v63
;;     v66 = load.i64 notrap little heap v65
;;     v67 = load.i64 notrap little heap v65+8
;;     v68 = load.i64 notrap little heap v65+16
;;     v69 = load.i64 notrap little heap v65+24
;;     store notrap little heap v66, v64
;;     store notrap little heap v67, v64+8
;;     store notrap little heap v68, v64+16
;;     store notrap little heap v69, v64+24
;;     jump block12(v63)
;;
;; block14:
;;     jump block15(v59)
;;
;; block15(v70: i64):
;;     v71 = iconst.i64 8
;;     v72 = icmp uge v70, v71
;;     brif v72, block16, block17
;;
;; block16:
;;     v73 = iconst.i64 8
;;     v74 = isub.i64 v70, v73
;;     v75 = iadd.i64 v11, v74
;;     v76 = iadd.i64 v17, v74
;;     v77 = load.i64 notrap little heap v76
;;     store notrap little heap v77, v75
;;     jump block15(v74)
;;
;; block17:
;;     jump block18(v70)
;;
;; block18(v78: i64):
;;     v79 = iconst.i64 1
;;     v80 = icmp uge v78, v79
;;     brif v80, block19, block20
;;
;; block19:
;;     v81 = iconst.i64 1
;;     v82 = isub.i64 v78, v81
;;     v83 = iadd.i64 v11, v82
;;     v84 = iadd.i64 v17, v82
;;     v85 = uload8.i64 notrap little heap v84
;;     istore8 notrap little heap v85, v83
;;     jump block18(v82)
;;
;; block20:
;;     return
;; }
;;
;; ; memory_fill
;; function u3:1(i64 vmctx, i64, i64, i32, i64) tail {
;; block0(v0: i64, v1: i64, v2: i64, v3: i32, v4: i64):
;;     v5 = load.i64 notrap aligned runtime v1+8
;;     v6 = icmp ugt v4, v5
;;     trapnz v6, heap_oob
;;     v7 = isub v5, v4
;;     v8 = icmp ugt v2, v7
;;     trapnz v8, heap_oob
;;     v9 = load.i64 notrap aligned readonly can_move runtime v1
;;     v10 = iadd v9, v2
;;     v11 = uextend.i64 v3
;;     v12 = iconst.i64 255
;;     v13 = band v11, v12
;;     v14 = iconst.i64 0x0101_0101_0101_0101
;;     v15 = imul v13, v14
;;     jump block1(v4, v10)
;;
;; block1(v16: i64, v21: i64):
;;     v17 = iconst.i64 32
;;     v18 = icmp uge v16, v17
;;     brif v18, block2, block3
;;
;; block2:
;;     v19 = iconst.i64 32
;;     v20 = isub.i64 v16, v19
;;     store.i64 notrap little heap v15, v21
;;     store.i64 notrap little heap v15, v21+8
;;     store.i64 notrap little heap v15, v21+16
;;     store.i64 notrap little heap v15, v21+24
;;     v22 = iconst.i64 32
;;     v23 = iadd.i64 v21, v22
;;     jump block1(v20, v23)
;;
;; block3:
;;     jump block4(v16, v21)
;;
;; block4(v24: i64, v29: i64):
;;     v25 = iconst.i64 8
;;     v26 = icmp uge v24, v25
;;     brif v26, block5, block6
;;
;; block5:
;;     v27 = iconst.i64 8
;;     v28 = isub.i64 v24, v27
;;     store.i64 notrap little heap v15, v29
;;     v30 = iconst.i64 8
;;     v31 = iadd.i64 v29, v30
;;     jump block4(v28, v31)
;;
;; block6:
;;     jump block7(v24, v29)
;;
;; block7(v32: i64, v37: i64):
;;     v33 = iconst.i64 1
;;     v34 = icmp uge v32, v33
;;     brif v34, block8, block9
;;
;; block8:
;;     v35 = iconst.i64 1
;;     v36 = isub.i64 v32, v35
;;     istore8.i64 notrap little heap v15, v37
;;     v38 = iconst.i64 1
;;     v39 = iadd.i64 v37, v38
;;     jump block7(v36, v39)
;;
;; block9:
;;     return
;; }
;;
;; ; memory_grow
;; function u3:2(i64 vmctx, i32, i64) -> i64 tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64):
;;     v3 = load.i64 notrap aligned little v0+8
;;     v4 = iconst.i32 2
;;     v5 = get_frame_pointer.i64
;;     store notrap aligned little v5, v3+24
;;     v6 = get_return_address.i64
;;     store notrap aligned little v6, v3+32
;;     v7 = iconst.i64 -2147483648
;;     v8 = get_stack_pointer.i64
;;     v9 = band v8, v7
;;     store notrap aligned little v1, v9+256
;;     store notrap aligned little v2, v9+272
;;     store notrap aligned little v4, v9+28
;;     store notrap aligned little v0, v9+112
;;     v10 = iconst.i32 4
;;     v11 = call fn0(v10, v9)
;;     v12 = load.i64 notrap aligned little v11+256
;;     return v12
;; }
;;
;; ; memory_init
;; function u3:3(i64 vmctx, i32, i32, i64, i32, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i32, v5: i32):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i32 3
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v6+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v6+32
;;     v10 = iconst.i64 -2147483648
;;     v11 = get_stack_pointer.i64
;;     v12 = band v11, v10
;;     store notrap aligned little v1, v12+256
;;     store notrap aligned little v2, v12+272
;;     store notrap aligned little v3, v12+288
;;     store notrap aligned little v4, v12+304
;;     store notrap aligned little v5, v12+320
;;     store notrap aligned little v7, v12+28
;;     store notrap aligned little v0, v12+112
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v12)
;;     return
;; }
;;
;; ; data_drop
;; function u3:4(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 4
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
;;
;; ; table_grow
;; function u3:5(i64 vmctx, i32, i64, i64) -> i64 tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64, v3: i64):
;;     v4 = load.i64 notrap aligned little v0+8
;;     v5 = iconst.i32 5
;;     v6 = get_frame_pointer.i64
;;     store notrap aligned little v6, v4+24
;;     v7 = get_return_address.i64
;;     store notrap aligned little v7, v4+32
;;     v8 = iconst.i64 -2147483648
;;     v9 = get_stack_pointer.i64
;;     v10 = band v9, v8
;;     store notrap aligned little v1, v10+256
;;     store notrap aligned little v2, v10+272
;;     store notrap aligned little v3, v10+288
;;     store notrap aligned little v5, v10+28
;;     store notrap aligned little v0, v10+112
;;     v11 = iconst.i32 4
;;     v12 = call fn0(v11, v10)
;;     v13 = load.i64 notrap aligned little v12+256
;;     return v13
;; }
;;
;; ; table_fill
;; function u3:6(i64 vmctx, i32, i64, i64, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i64, v3: i64, v4: i64):
;;     v5 = load.i64 notrap aligned little v0+8
;;     v6 = iconst.i32 6
;;     v7 = get_frame_pointer.i64
;;     store notrap aligned little v7, v5+24
;;     v8 = get_return_address.i64
;;     store notrap aligned little v8, v5+32
;;     v9 = iconst.i64 -2147483648
;;     v10 = get_stack_pointer.i64
;;     v11 = band v10, v9
;;     store notrap aligned little v1, v11+256
;;     store notrap aligned little v2, v11+272
;;     store notrap aligned little v3, v11+288
;;     store notrap aligned little v4, v11+304
;;     store notrap aligned little v6, v11+28
;;     store notrap aligned little v0, v11+112
;;     v12 = iconst.i32 4
;;     v13 = call fn0(v12, v11)
;;     return
;; }
;;
;; ; table_copy
;; function u3:7(i64 vmctx, i32, i32, i64, i64, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i64, v5: i64):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i32 7
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v6+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v6+32
;;     v10 = iconst.i64 -2147483648
;;     v11 = get_stack_pointer.i64
;;     v12 = band v11, v10
;;     store notrap aligned little v1, v12+256
;;     store notrap aligned little v2, v12+272
;;     store notrap aligned little v3, v12+288
;;     store notrap aligned little v4, v12+304
;;     store notrap aligned little v5, v12+320
;;     store notrap aligned little v7, v12+28
;;     store notrap aligned little v0, v12+112
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v12)
;;     return
;; }
;;
;; ; table_init
;; function u3:8(i64 vmctx, i32, i32, i64, i32, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32, v2: i32, v3: i64, v4: i32, v5: i32):
;;     v6 = load.i64 notrap aligned little v0+8
;;     v7 = iconst.i32 8
;;     v8 = get_frame_pointer.i64
;;     store notrap aligned little v8, v6+24
;;     v9 = get_return_address.i64
;;     store notrap aligned little v9, v6+32
;;     v10 = iconst.i64 -2147483648
;;     v11 = get_stack_pointer.i64
;;     v12 = band v11, v10
;;     store notrap aligned little v1, v12+256
;;     store notrap aligned little v2, v12+272
;;     store notrap aligned little v3, v12+288
;;     store notrap aligned little v4, v12+304
;;     store notrap aligned little v5, v12+320
;;     store notrap aligned little v7, v12+28
;;     store notrap aligned little v0, v12+112
;;     v13 = iconst.i32 4
;;     v14 = call fn0(v13, v12)
;;     return
;; }
;;
;; ; elem_drop
;; function u3:9(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 9
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
;;
;; ; throw
;; function u3:10(i64 vmctx, i32) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i32):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 10
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
;;
;; ; throw_ref
;; function u3:11(i64 vmctx, i64) tail {
;;     sig0 = (i32, i64) -> i64 system_v
;;     fn0 = colocated u5:0 sig0
;;
;; block0(v0: i64, v1: i64):
;;     v2 = load.i64 notrap aligned little v0+8
;;     v3 = iconst.i32 11
;;     v4 = get_frame_pointer.i64
;;     store notrap aligned little v4, v2+24
;;     v5 = get_return_address.i64
;;     store notrap aligned little v5, v2+32
;;     v6 = iconst.i64 -2147483648
;;     v7 = get_stack_pointer.i64
;;     v8 = band v7, v6
;;     store notrap aligned little v1, v8+256
;;     store notrap aligned little v3, v8+28
;;     store notrap aligned little v0, v8+112
;;     v9 = iconst.i32 4
;;     v10 = call fn0(v9, v8)
;;     return
;; }
